"""Print the packages of this environment as exact pins, without addresses: `make lock` writes requirements.lock."""

from importlib.metadata import distributions

LINUX_ONLY = ("nvidia-", "triton", "torch-xla")  # builds exist for Linux on x86-64 alone
MARKER = ' ; sys_platform == "linux" and platform_machine == "x86_64"'
OURSELVES = {"convscale", "pip"}

pins = {d.metadata["Name"].lower().replace("_", "-").replace(".", "-"): d.version for d in distributions()}
print("# Exact versions of everything `make book` and `make test` use. Written by `make lock`.")
for name, version in sorted(pins.items()):
    if name not in OURSELVES:
        print(f"{name}=={version}{MARKER if name.startswith(LINUX_ONLY) else ''}")
