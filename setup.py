"""The computed part of packaging: which packages there are, and that all their files are shipped.

Everything else stands in pyproject.toml. The list is computed because the packages live in three
folders, and a list kept by hand forgets the subpackage added last. Folders without an
``__init__.py`` (sources of a runtime, templates) are listed too: setuptools ships data only from
what it takes for a package.
"""

from setuptools import find_namespace_packages, setup

FOLDERS = {"graphdl": "graphdl", "graphdl.passes": "passes", "graphdl.codegen": "codegen"}
CACHES = ["__pycache__", "*.__pycache__"]

packages = list(FOLDERS)
for package, folder in FOLDERS.items():
    packages += [f"{package}.{child}" for child in find_namespace_packages(folder, exclude=CACHES)]

setup(
    packages=packages,
    package_data={"": ["*"]},
    exclude_package_data={"": ["*.pyc"]},
)
