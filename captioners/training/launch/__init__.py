"""How a training becomes processes: one here, several here, or a job of Slurm."""

LAUNCHERS = ("local", "torchrun", "slurm")
