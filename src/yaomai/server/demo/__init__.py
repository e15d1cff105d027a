"""The demo company 安衡药业: loaded into an empty database by `yaomai up` and `yaomai demo`."""

from yaomai.server.demo.load import load, sign_ins

__all__ = ["load", "sign_ins"]
