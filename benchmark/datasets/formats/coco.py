"""COCO captions: images and their annotations, joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmark.datasets.formats.source import Record, Source
from benchmark.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator


def captions_by_image(source: Source, images: object, annotations: object) -> Iterator[Record]:
    """One record per image: the image's own fields and, as ``captions``, those of its annotations in order.

    Raises:
        UserError: an image without id or with the id of another, an annotation without ``caption`` or of an
            image that is not there; names image or annotation by its position from 1.
    """
    captions: dict[object, list[object]] = {}
    records: list[Record] = []
    for position, image in enumerate(_objects(source, "images", images), 1):
        place = f"image {position}"
        image_id = _hashable(source, place, "id", image.get("id"))
        if image_id in captions:
            raise source.error(place, f"field 'id': {image_id!r} is the id of an earlier image too.")
        captions[image_id] = []
        records.append(Record({**image, "captions": captions[image_id]}, source, place))
    for position, annotation in enumerate(_objects(source, "annotations", annotations), 1):
        place = f"annotation {position}"
        image_id = _hashable(source, place, "image_id", annotation.get("image_id"))
        if image_id not in captions:
            raise source.error(place, f"field 'image_id': there is no image with the id {image_id!r}.")
        if "caption" not in annotation:
            raise source.error(place, "field 'caption': missing. Only caption annotations can be read.")
        captions[image_id].append(annotation["caption"])
    yield from records


def _objects(source: Source, key: str, value: object) -> list[dict[str, object]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise UserError(f"{source.name}: {key!r} is not a list of objects, as COCO captions have it.")
    return value


def _hashable(source: Source, place: str, field: str, value: object) -> object:
    if not isinstance(value, (str, int)):
        raise source.error(place, f"field {field!r}: missing, or neither text nor a whole number.")
    return value
