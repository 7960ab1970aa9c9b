"""See ../mesonpy.py."""
import sys

from mesonpy import get_requires_for_build_wheel, prepare_metadata_for_build_wheel  # noqa: F401

__legacy__ = sys.modules[__name__]
