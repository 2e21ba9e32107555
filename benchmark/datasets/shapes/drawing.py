"""Scene to SVG text, in one of many idioms that all paint the same picture.

All numbers written are integers: corners stand in tables in thousandths of half a shape's width and height.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmark.datasets.shapes.scene import CANVAS, Scene

if TYPE_CHECKING:
    from benchmark.datasets.shapes.draws import Draws

ELEMENTS = ("primitive", "path")
PLACEMENTS = ("absolute", "translate", "use")
STYLINGS = ("attribute", "style", "class")
NOTATIONS = ("name", "hex", "rgb")
BACKGROUNDS = ("", "white", "ivory", "aliceblue", "whitesmoke", "mintcream")

# CSS name and RGB of what captions call a colour, and of the backgrounds.
PALETTE = {
    "red": ("red", (255, 0, 0)),
    "orange": ("orange", (255, 165, 0)),
    "yellow": ("yellow", (255, 255, 0)),
    "green": ("green", (0, 128, 0)),
    "blue": ("blue", (0, 0, 255)),
    "purple": ("purple", (128, 0, 128)),
    "pink": ("pink", (255, 192, 203)),
    "brown": ("saddlebrown", (139, 69, 19)),  # CSS "brown" is a dark red
    "gray": ("gray", (128, 128, 128)),
    "black": ("black", (0, 0, 0)),
    "white": ("white", (255, 255, 255)),
    "ivory": ("ivory", (255, 255, 240)),
    "aliceblue": ("aliceblue", (240, 248, 255)),
    "whitesmoke": ("whitesmoke", (245, 245, 245)),
    "mintcream": ("mintcream", (245, 255, 250)),
}

_Points = tuple[tuple[int, int], ...]

_CORNERS: dict[str, _Points] = {
    "triangle": ((0, -1000), (1000, 1000), (-1000, 1000)),
    "diamond": ((0, -1000), (1000, 0), (0, 1000), (-1000, 0)),
    "pentagon": ((0, -1000), (1000, -236), (618, 1000), (-618, 1000), (-1000, -236)),
    "hexagon": ((-500, -1000), (500, -1000), (1000, 0), (500, 1000), (-500, 1000), (-1000, 0)),
    "star": (
        *((0, -1000), (236, -236), (1000, -236), (382, 236), (618, 1000)),
        *((0, 528), (-618, 1000), (-382, 236), (-1000, -236), (-236, -236)),
    ),
    "cross": (
        *((-333, -1000), (333, -1000), (333, -333), (1000, -333), (1000, 333), (333, 333)),
        *((333, 1000), (-333, 1000), (-333, 333), (-1000, 333), (-1000, -333), (-333, -333)),
    ),
}

# Start, then control point, control point and end of four cubic curves.
_HEART: _Points = (
    (0, 1000),
    *((-300, 700), (-1000, 200), (-1000, -400)),
    *((-1000, -800), (-750, -1000), (-500, -1000)),
    *((-250, -1000), (-50, -800), (0, -550)),
    *((50, -800), (250, -1000), (500, -1000)),
    *((750, -1000), (1000, -800), (1000, -400)),
    *((1000, 200), (300, 700), (0, 1000)),
)


@dataclass(frozen=True, slots=True)
class Idiom:
    """How a drawing is written.

    Attributes:
        element: "primitive" (``rect``, ``circle``, ``ellipse`` or ``polygon``; a heart is a path even so) or
            "path".
        placement: "absolute" coordinates; "translate", a transformed ``g`` around each shape; or "use", one
            definition for each outline and a reference to it for each shape.
        styling: colours in a presentation "attribute", in ``style="…"`` or in a "class" of a style sheet.
        notation: colours by "name", as "hex" or as "rgb" function.
        sized: whether the root has width and height besides its viewBox.
        background: the colour of a rectangle under the whole scene, "" for none.
    """

    element: str
    placement: str
    styling: str
    notation: str
    sized: bool
    background: str


def choose_idiom(draws: Draws) -> Idiom:
    """A random idiom; half of all have no background."""
    return Idiom(
        element=draws.pick(ELEMENTS),
        placement=draws.pick(PLACEMENTS),
        styling=draws.pick(STYLINGS),
        notation=draws.pick(NOTATIONS),
        sized=draws.below(2) == 1,
        background=draws.pick(BACKGROUNDS[1:]) if draws.below(2) else "",
    )


def draw(scene: Scene, idiom: Idiom) -> str:
    """The scene as an SVG document without text, and without ids or class names that say what is drawn."""
    colours = dict.fromkeys(filter(None, (idiom.background, *(shape.colour for shape in scene.shapes))))
    fills = {colour: _notate(colour, idiom.notation) for colour in colours}
    paints = {colour: _paint(fill, f"s{number}", idiom.styling) for number, (colour, fill) in enumerate(fills.items())}
    size = f'width="{CANVAS}" height="{CANVAS}" ' if idiom.sized else ""
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" {size}viewBox="0 0 {CANVAS} {CANVAS}">']
    if idiom.styling == "class":
        rules = "".join(f".s{number}{{fill:{fill}}}" for number, fill in enumerate(fills.values()))
        lines.append(f"<style>{rules}</style>")
    if idiom.background:
        lines.append(f'<rect width="{CANVAS}" height="{CANVAS}" {paints[idiom.background]}/>')
    lines += _shapes(scene, idiom, paints)
    return "\n".join([*lines, "</svg>"]) + "\n"


def _shapes(scene: Scene, idiom: Idiom, paints: dict[str, str]) -> list[str]:
    write = _primitive if idiom.element == "primitive" else _path
    ids: dict[str, str] = {}
    lines = []
    for shape in scene.shapes:
        x, y = shape.left + shape.width // 2, shape.top + shape.height // 2
        centre = (x, y) if idiom.placement == "absolute" else (0, 0)
        outline = write(shape.kind, *centre, shape.width // 2, shape.height // 2)
        paint = paints[shape.colour]
        if idiom.placement == "absolute":
            lines.append(f"<{outline} {paint}/>")
        elif idiom.placement == "translate":
            lines.append(f'<g transform="translate({x} {y})" {paint}><{outline}/></g>')
        else:
            name = ids.setdefault(outline, "abcdef"[len(ids)])
            lines.append(f'<use href="#{name}" x="{x}" y="{y}" {paint}/>')
    if ids:
        definitions = (f'<{outline} id="{name}"/>' for outline, name in ids.items())
        lines.insert(0, f"<defs>{''.join(definitions)}</defs>")
    return lines


def _notate(colour: str, notation: str) -> str:
    name, (red, green, blue) = PALETTE[colour]
    if notation == "hex":
        return f"#{red:02x}{green:02x}{blue:02x}"
    return name if notation == "name" else f"rgb({red},{green},{blue})"


def _paint(fill: str, css_class: str, styling: str) -> str:
    """The attribute that gives an element its colour."""
    if styling == "class":
        return f'class="{css_class}"'
    return f'fill="{fill}"' if styling == "attribute" else f'style="fill:{fill}"'


def _primitive(kind: str, x: int, y: int, rx: int, ry: int) -> str:
    """Element name and geometry of a shape with centre (x, y) and half extents rx and ry."""
    if kind == "heart":
        return _path(kind, x, y, rx, ry)
    if kind == "circle":
        return f'circle cx="{x}" cy="{y}" r="{rx}"'
    if kind == "ellipse":
        return f'ellipse cx="{x}" cy="{y}" rx="{rx}" ry="{ry}"'
    if kind in ("square", "rectangle"):
        return f'rect x="{x - rx}" y="{y - ry}" width="{2 * rx}" height="{2 * ry}"'
    corners = _scaled(_CORNERS[kind], x, y, rx, ry)
    return f'polygon points="{" ".join(f"{px},{py}" for px, py in corners)}"'


def _path(kind: str, x: int, y: int, rx: int, ry: int) -> str:
    """The same as a path."""
    if kind == "heart":
        start, *points = (f"{px} {py}" for px, py in _scaled(_HEART, x, y, rx, ry))
        return f'path d="M{start}C{" ".join(points)}Z"'
    if kind in ("circle", "ellipse"):
        arc = f"a{rx} {ry} 0 1 0"
        return f'path d="M{x - rx} {y}{arc} {2 * rx} 0{arc} {-2 * rx} 0Z"'
    if kind in ("square", "rectangle"):
        return f'path d="M{x - rx} {y - ry}h{2 * rx}v{2 * ry}h{-2 * rx}Z"'
    corners = _scaled(_CORNERS[kind], x, y, rx, ry)
    return f'path d="M{"L".join(f"{px} {py}" for px, py in corners)}Z"'


def _scaled(points: _Points, x: int, y: int, rx: int, ry: int) -> list[tuple[int, int]]:
    return [(x + _thousandths(px, rx), y + _thousandths(py, ry)) for px, py in points]


def _thousandths(share: int, length: int) -> int:
    """``share * length / 1000``, rounded alike on both sides of zero: symmetric shapes stay symmetric."""
    rounded = (abs(share) * length + 500) // 1000
    return rounded if share > 0 else -rounded
