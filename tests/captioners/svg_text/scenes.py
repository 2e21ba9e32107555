"""Drawings made by chance, of parts that can be seen: groups, styles, transforms and references in any combination."""

from __future__ import annotations

import random

PAINTS = ("red", "#0a5", "rgb(20,60,200)", "gold", "none", "currentColor", "url(#g0)", "url(#g1)", "url(#p0) lime")
STYLES = (
    ("fill", PAINTS),
    ("stroke", PAINTS),
    ("stroke-width", ("1", "2.5", "4px", ".05em", "2%")),
    ("stroke-linecap", ("round", "square", "butt")),
    ("stroke-linejoin", ("round", "bevel", "miter")),
    ("stroke-dasharray", ("5 3", "4,1.5,2", "none")),
    ("fill-rule", ("evenodd", "nonzero")),
    ("fill-opacity", (".5", "80%")),
    ("opacity", (".6", "1", "inherit")),
    ("color", ("teal", "#f0f")),
    ("visibility", ("hidden", "visible")),
    ("display", ("none", "inline")),
    ("stroke-miterlimit", ("1", "10")),
    ("font-size", ("20", "150%", "2em")),
)
RESOURCES = (
    '<linearGradient id="g0"><stop stop-color="red"/><stop offset="50%" stop-color="inherit"/>'
    '<stop offset="1" stop-color="blue" stop-opacity=".5"/></linearGradient>'
    '<radialGradient id="g1" gradientUnits="userSpaceOnUse" cx="40" cy="40" r="50" href="#g0" '
    'gradientTransform="rotate(20) scale(1.1 .9)"/>'
    '<pattern id="p0" width=".2" height=".1" patternTransform="skewX(10)">'
    '<rect width="5" height="4" fill="purple" stroke="none"/></pattern>'
    '<clipPath id="c0"><circle cx="50" cy="50" r="45"/></clipPath>'
    '<mask id="m0"><rect width="100" height="70" fill="#ccc"/></mask>'
    '<marker id="k0" markerWidth="3" markerHeight="3" refX="1" refY="1">'
    '<circle cx="1" cy="1" r="1" fill="red" stroke="none"/></marker>'
    '<symbol id="s0" viewBox="0 0 20 20"><path d="M0 0h20l-9 18z"/></symbol>'
    '<g id="u0" fill="olive"><rect width="12" height="9"/><circle cx="20" cy="9" r="6" stroke="inherit"/></g>'
)
SHEET = "<style>.a{fill:orange;stroke-width:3}.b{stroke:navy}g .a{opacity:.8}#x>rect,.a.b{fill:cyan}</style>"


class Scene:
    """One drawing for each seed."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)
        self._ids = 0

    def svg(self) -> str:
        box = self._draw.choice(("0 0 100 100", "-10 -5 120 110", "0 0 90 60", "5 5 88.5 91"))
        sheet = self._draw.choice(("", SHEET))
        body = "".join(self._element(3) for _ in range(self._draw.randint(2, 6)))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}"{self._styles(0.15)}>'
            f"{sheet}<defs>{RESOURCES}</defs>{body}</svg>"
        )

    def _number(self, least: float, most: float) -> str:
        return f"{self._draw.uniform(least, most):.{self._draw.randint(0, 3)}f}"

    def _styles(self, chance: float) -> str:
        said = [(name, self._draw.choice(values)) for name, values in STYLES if self._draw.random() < chance]
        said = [(name, value) for name, value in said if (name, value) != ("display", "none") or chance > 0.2]
        text = ""
        if self._draw.random() < 0.3:
            text = ' style="' + ";".join(f"{name}:{value}" for name, value in said[::2]) + '"'
            said = said[1::2]
        if self._draw.random() < 0.2:
            text += f' class="{self._draw.choice(("a", "b", "a b"))}"'
        return text + "".join(f' {name}="{value}"' for name, value in said)

    def _transform(self) -> str:
        if self._draw.random() < 0.6:
            return ""
        functions = (
            f"translate({self._number(-20, 20)},{self._number(-20, 20)})",
            f"scale({self._number(0.5, 1.7)})",
            f"scale({self._number(-1.5, 1.5)} {self._number(0.5, 1.5)})",
            f"rotate({self._number(-180, 180)} 50 50)",
            f"skewX({self._number(-20, 20)})",
            f"matrix(.9 .2 -.1 1.1 {self._number(-9, 9)} 3)",
        )
        return f' transform="{" ".join(self._draw.sample(functions, self._draw.randint(1, 2)))}"'

    def _element(self, depth: int) -> str:
        said = self._transform() + self._styles(0.2)
        if self._draw.random() < 0.1:
            said += self._draw.choice((' clip-path="url(#c0)"', ' mask="url(#m0)"'))
        if depth and self._draw.random() < 0.4:
            if self._draw.random() < 0.2:
                self._ids += 1
                said += f' id="{self._draw.choice("xyz")}"'
            inner = "".join(self._element(depth - 1) for _ in range(self._draw.randint(1, 4)))
            return f"<g{said}>{inner}</g>"
        return self._draw.choice(
            (self._rect, self._round, self._path, self._path, self._path, self._points, self._use, self._text)
        )(said)

    def _rect(self, said: str) -> str:
        radius = f' rx="{self._number(0, 9)}"' if self._draw.random() < 0.3 else ""
        size = f'width="{self._number(5, 70)}" height="{self._number(5, 70)}"'
        return f'<rect x="{self._number(0, 60)}" y="{self._number(0, 60)}" {size}{radius}{said}/>'

    def _round(self, said: str) -> str:
        centre = f'cx="{self._number(10, 90)}" cy="{self._number(10, 90)}"'
        if self._draw.random() < 0.5:
            return f'<circle {centre} r="{self._number(3, 40)}"{said}/>'
        return f'<ellipse {centre} rx="{self._number(3, 40)}" ry="{self._number(3, 40)}"{said}/>'

    def _points(self, said: str) -> str:
        points = " ".join(f"{self._number(0, 90)},{self._number(0, 90)}" for _ in range(self._draw.randint(2, 6)))
        name = self._draw.choice(("polyline", "polygon"))
        marker = ' marker-mid="url(#k0)"' if self._draw.random() < 0.1 else ""
        return f'<{name} points="{points}"{marker}{said}/>'

    def _path(self, said: str) -> str:
        parts = [f"M{self._number(5, 90)} {self._number(5, 90)}"]
        for _ in range(self._draw.randint(1, 7)):
            letter = self._draw.choice("LlHhVvCcSsQqTtAaZzm")
            least, most = (-30, 30) if letter.islower() else (0, 95)
            count = {"h": 1, "v": 1, "c": 6, "s": 4, "q": 4, "z": 0}.get(letter.lower(), 2)
            end = " ".join(self._number(least, most) for _ in range(count))
            flags = self._draw.choice(("0 1", "11", "1 0", "00"))
            arc = f"{self._number(4, 40)} {self._number(4, 40)} {self._number(0, 90)} {flags} "
            parts.append(letter + (arc if letter in "Aa" else "") + end)
        return f'<path d="{" ".join(parts)}"{said}/>'

    def _use(self, said: str) -> str:
        target, size = self._draw.choice((("u0", ""), ("s0", ' width="30" height="20"')))
        return f'<use href="#{target}" x="{self._number(0, 60)}" y="{self._number(0, 60)}"{size}{said}/>'

    def _text(self, said: str) -> str:
        return (
            f'<text x="{self._number(0, 50)}" y="{self._number(20, 90)}"{said}>a <tspan fill="red">b</tspan> c</text>'
        )
