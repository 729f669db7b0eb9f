"""Primary keys by table, so that mypy refuses the id of a project where an organization is expected."""

from typing import NewType

OrganizationId = NewType("OrganizationId", int)
ProjectId = NewType("ProjectId", int)
KeyId = NewType("KeyId", int)
UserId = NewType("UserId", int)
ProductId = NewType("ProductId", int)
LineItemId = NewType("LineItemId", int)
ModelId = NewType("ModelId", int)
SourceId = NewType("SourceId", int)
RecordId = NewType("RecordId", int)
SeriesId = NewType("SeriesId", int)
