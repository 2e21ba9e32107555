"""File formats of the user's data: each module turns one kind of file into records."""
