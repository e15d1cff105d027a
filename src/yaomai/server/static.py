"""How the files of the screens are served: under names that hold their content, so that browsers keep them for good."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class CompressedManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """What scripts import from one another has such a name too."""

    support_js_module_import_aggregation = True
