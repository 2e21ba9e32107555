"""How a training becomes processes: one here, several here, or a job of Slurm."""
