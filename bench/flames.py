"""`python -m bench.flames raw.txt picture.png "title"`: a flame graph from `py-spy record --format raw`.

Frames stand on those that called them; what is wide was on the CPU for long. Waiting is left out.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

# Whose code it is, by a part of the file's path; the first that fits.
COLOURS = {
    "redis/": ("redis-py", "#d1495b"), "asyncpg/": ("asyncpg", "#2f6fb2"), "jwt/": ("PyJWT", "#8f5fbf"),
    "aiohttp/": ("aiohttp", "#6a994e"), "structlog/": ("structlog", "#c9a227"),
    "chassis/": ("chassis", "#e8a87c"), "countersign/": ("countersign", "#c38d9e"),
    "services/": ("the service", "#f2c14e"), "gateway/": ("the service", "#f2c14e"),
}  # fmt: skip
OTHER = ("Python's own", "#b8c0c8")
# Below this frame every stack is alike; a stack that ends there waits.
ROOT = "Runner.run"
LEAST_SHARE = 0.003
LABEL_SHARE = 0.025


@dataclass
class Frame:
    """A function, called from those above it; `weight` in samples."""

    name: str
    path: str = ""
    weight: int = 0
    below: dict[str, "Frame"] = field(default_factory=dict)


def read(text: str) -> Frame:
    """The tree of all stacks of the event loop's thread."""
    root = Frame("event loop")
    for line in text.splitlines():
        stack, _, count = line.rpartition(" ")
        frames = stack.split(";")
        start = next((at for at, frame in enumerate(frames) if frame.startswith(ROOT)), len(frames))
        node = root
        root.weight += int(count) if frames[start + 1 :] else 0
        for frame in frames[start + 1 :]:
            name, _, path = frame.partition(" (")
            node = node.below.setdefault(name, Frame(name, path))
            node.weight += int(count)
    return root


def boxes(node: Frame, left: float, depth: int, whole: int) -> Iterator[tuple[Frame, float, float, int]]:
    """Frame, left edge and width as shares of the whole, and depth."""
    for child in sorted(node.below.values(), key=lambda child: -child.weight):
        width = child.weight / whole
        if width >= LEAST_SHARE:
            yield child, left, width, depth
            yield from boxes(child, left, depth + 1, whole)
        left += width


def draw(root: Frame, path: Path, title: str) -> None:
    """Writes the picture."""
    import matplotlib as mpl  # noqa: PLC0415 the group `bench` may be missing

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 see above

    figure, axes = plt.subplots(figsize=(13, 6.5))
    legend = {}
    for frame, left, width, depth in boxes(root, 0, 0, root.weight):
        whose, colour = next((look for part, look in COLOURS.items() if part in frame.path), OTHER)
        legend[whose] = axes.barh(depth, width, left=left, height=1, color=colour, edgecolor="white", linewidth=0.4)
        if width > LABEL_SHARE:
            label = frame.name[-int(width * 190) :]
            axes.text(left + width / 2, depth, label, ha="center", va="center", fontsize=6, clip_on=True)
    axes.set(xlim=(0, 1), title=title, xticks=[], yticks=[])
    axes.legend(legend.values(), legend.keys(), loc="upper right", fontsize=7)
    axes.spines[:].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=95)


def main() -> None:
    """Reads and draws."""
    raw, picture, title = sys.argv[1:]
    draw(read(Path(raw).read_text()), Path(picture), title)


if __name__ == "__main__":
    main()
