"""Errors that are the user's to mend: shown as one message without a traceback."""

from __future__ import annotations


class UserError(Exception):
    """Wrong usage or bad input. The message names file, line, field and the remedy. Exit code 2."""

    exit_code = 2


class CheckFailed(UserError):
    """A check has failed. Exit code 1."""

    exit_code = 1


class NothingToRun(UserError):
    """Nothing that was asked for can run here. Exit code 3."""

    exit_code = 3


class Interrupted(UserError):
    """A training was told to stop, and has written a checkpoint. Exit code 75: to be tried again (sysexits.h)."""

    exit_code = 75
