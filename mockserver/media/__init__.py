"""Real PNG, JPEG and MP4 results that show what was asked; checks of pictures sent in.

Pillow is imported when something is rendered, not before.
"""

from understudy.mockserver.media.cache import MediaCache
from understudy.mockserver.media.pictures import PictureProblem, check_picture
from understudy.mockserver.media.render import Render, render

__all__ = ["MediaCache", "PictureProblem", "Render", "check_picture", "render"]
