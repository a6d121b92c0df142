"""Decides what .venv must hold: exactly what requirements/app.txt or dev.txt locks by hash. Called by bin/set-up."""

import fcntl
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# The lock of the developers names all that the program's names. Of what rules.txt names only the files are wanted, the rules of
# Peppol and XRechnung for tests: those packages come without what they ask for themselves.
HOLDS = {"app": ["app"], "dev": ["dev", "app", "rules"]}
INSTALLS: dict[str, list[list[str]]] = {"app": [["app"]], "dev": [["dev"], ["rules", "--no-deps"]]}


def main(lock: str) -> int:
    if lock not in HOLDS:
        print(f"There is no lock {lock!r}: bin/set-up app, or bin/set-up dev.", file=sys.stderr)
        return 2
    with Path(__file__).open("rb") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if _holds(lock):
            return 0  # somebody else did it while we waited
        print(f"Setting up {VENV} from requirements/{lock}.txt; this happens once and takes a minute.", file=sys.stderr)
        try:
            _set_up(lock, one_at_a_time.fileno())
        except (OSError, subprocess.CalledProcessError) as fault:
            print(f"{VENV} could not be set up: {fault}. Nothing else was changed; try again.", file=sys.stderr)
            return 1
    return 0


def _holds(lock: str) -> bool:
    return os.access(PYTHON, os.X_OK) and all(_is_stamped(name) for name in HOLDS[lock])


def _is_stamped(name: str) -> bool:
    stamp = VENV / f"{name}.lock"
    return stamp.exists() and stamp.read_bytes() == _locked(name)


def _set_up(lock: str, held: int) -> None:
    for name in HOLDS["dev"]:
        (VENV / f"{name}.lock").unlink(missing_ok=True)  # from here on it holds neither, should we be cut off
    if not _runs(PYTHON):
        venv.create(VENV, clear=True, symlinks=True, with_pip=True)
    install: list[str | Path] = [PYTHON, "-I", "-m", "pip", "install", *QUIET, "--require-hashes"]
    for name, *options in INSTALLS[lock]:
        # pip holds our lock as well: if we are killed, who comes next waits for it to end.
        subprocess.run([*install, *options, "-r", ROOT / "requirements" / f"{name}.txt"], check=True, pass_fds=[held])
    ask: list[str | Path] = [PYTHON, "-I", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = Path(subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip())
    # Relative, so that a checkout may be moved; and unlike PYTHONPATH it does not leak into other programs.
    (packages / "goodterms.pth").write_text(os.path.relpath(ROOT, packages) + "\n")
    for name in HOLDS[lock]:
        (VENV / f"{name}.lock").write_bytes(_locked(name))


QUIET = ["--quiet", "--no-input", "--disable-pip-version-check", "--no-warn-script-location", "--root-user-action=ignore"]


def _runs(python: Path) -> bool:
    """Whether there is a Python new enough with pip, which the system's upgrade may have taken away."""
    test = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([python, "-I", "-c", test], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _locked(lock: str) -> bytes:
    return (ROOT / "requirements" / f"{lock}.txt").read_bytes()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2] or ["app"]))
