"""The binder: which claim gets which volume.

In: claims, volumes, classes. Out: plans (`build`). Source: facts/statefulset.md 7.1-7.5; provisioners are separate rooms
that follow the annotations written here.
"""

from moorage.controllers.persistentvolumeclaim.controller import build

__all__ = ["build"]
