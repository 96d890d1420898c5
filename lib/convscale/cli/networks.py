"""Commands on the networks themselves."""

from .command import Commands


def models(args) -> None:
    from ..models import list_models

    print("\n".join(list_models(args.pattern)))


def show(args) -> None:
    from ..models.show import show as show_model

    print(show_model(args.model, args.image_size))


def measure(args) -> None:
    from ..measure.bench import compare_models

    table = compare_models(args.rounds)
    print(table.round(3).to_string(index=False))
    print(f"protocol: {table.attrs['protocol']}; ratio = timm's seconds / ours, above 1 is faster than timm")


def add(commands: Commands) -> None:
    listed = commands.add("models", models, "names of our models", "convscale models 'efficientnetv2*'")
    listed.add_argument("pattern", nargs="?", default="*")
    shown = commands.add("show", show, "a model's stages, as the papers print them", "convscale show efficientnetv2-s")
    shown.add_argument("model")
    shown.add_argument("--image-size", type=int, metavar="PX")
    timing = commands.add("measure", measure, "our networks' speed against timm's", "convscale measure --rounds 7")
    timing.add_argument("--rounds", type=int, default=7)
