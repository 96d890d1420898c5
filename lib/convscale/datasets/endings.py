"""Names of files and folders that hold images, and of those that never do.

The tables are ours and fixed, not asked of the Pillow that is installed: a folder must be the same set of images on
every machine. A test compares them with Pillow's own list.
"""

from pathlib import PurePath

# What Pillow opens by itself, first image of files that hold several; all but the formats that it only names (BUFR,
# GRIB, HDF5, MPEG) or hands to another program (EPS, WMF).
# fmt: off
IMAGE_ENDINGS = frozenset((
    ".apng", ".avif", ".avifs", ".blp", ".bmp", ".bw", ".cur", ".dcx", ".dds", ".dib", ".fit", ".fits", ".flc",
    ".fli", ".ftc", ".ftu", ".gbr", ".gif", ".icb", ".icns", ".ico", ".iim", ".im", ".j2c", ".j2k", ".jfif", ".jp2",
    ".jpc", ".jpe", ".jpeg", ".jpf", ".jpg", ".jpx", ".mpo", ".msp", ".pbm", ".pcd", ".pcx", ".pfm", ".pgm", ".png",
    ".pnm", ".ppm", ".psd", ".pxr", ".qoi", ".ras", ".rgb", ".rgba", ".sgi", ".tga", ".tif", ".tiff", ".vda", ".vst",
    ".webp", ".xbm", ".xpm",
))
# Images that Pillow alone does not read. A class folder with nothing else is a class and not an empty folder.
OTHER_IMAGES = frozenset((
    ".arw", ".cr2", ".cr3", ".dng", ".emf", ".eps", ".exr", ".hdr", ".heic", ".heics", ".heif", ".hif", ".jxl",
    ".nef", ".orf", ".psb", ".raf", ".rw2", ".svg", ".wmf",
))
# fmt: on
USUAL = ".jpg, .png, .webp, .gif, .tif, .bmp and what else Pillow reads"  # for messages

# What operating systems and network drives leave beside people's files; @eaDir holds thumbnails under .jpg names.
SYSTEM_FOLDERS = (
    *("__macosx", "lost+found", "system volume information", "recycler", "$recycle.bin"),
    *("@eadir", "@recycle", "#recycle", "__pycache__"),
)

OURS = ".convscale"  # how names begin of what is kept beside people's images


def is_hidden(name: str) -> bool:
    """Whether a file or a folder of this name is not shown to its owner."""
    return name.startswith(".")


def is_unsaid(name: str, folder: bool) -> bool:
    """Whether nobody need be told that this is passed over: hidden files, and the folders of `OURS`.

    Other hidden folders may hold images that their owner looks for.
    """
    return name.startswith(OURS) if folder else is_hidden(name)


def is_image(name: str) -> bool:
    """Whether a file of this name is read as an image; hidden ones are not."""
    return not is_hidden(name) and ending(name) in IMAGE_ENDINGS


def ending(name: str) -> str:
    """In small letters, with its dot; "" for none."""
    return PurePath(name).suffix.lower()


def is_passed_over(folder: str) -> bool:
    """Whether a folder of this name is hidden or an operating system's own."""
    return is_hidden(folder) or folder.lower() in SYSTEM_FOLDERS
