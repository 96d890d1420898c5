"""Print the packages of this environment as exact pins, without addresses: `make lock` writes requirements.lock.

CUDA's packages are left out: torch's own metadata pins them, and only its builds with CUDA ask for them. So the same
file installs on macOS, on Linux on Arm, and with PyTorch's CPU build.
"""

from importlib.metadata import distributions

CUDA = ("nvidia-", "triton")
ONLY_ON = {"torch-xla": 'sys_platform == "linux" and platform_machine == "x86_64"'}  # it has no other builds
OURSELVES = {"convscale", "pip"}


def lines(pins: dict[str, str]) -> list[str]:
    """Lines of requirements.lock for packages and their versions."""
    kept = {name: version for name, version in sorted(pins.items()) if not name.startswith(CUDA)}
    return [
        f"{name}=={version}" + (f" ; {ONLY_ON[name]}" if name in ONLY_ON else "")
        for name, version in kept.items()
        if name not in OURSELVES
    ]


if __name__ == "__main__":
    print("# Exact versions of everything `make book` and `make test` use. Written by `make lock`.")
    found = {d.metadata["Name"].lower().replace("_", "-").replace(".", "-"): d.version for d in distributions()}
    print("\n".join(lines(found)))
