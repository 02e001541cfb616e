"""The engine's modules form layers; imports for type checking count too.

`pyproject.toml` cannot say so: import-linter's `exclude_type_checking_imports` holds for all
contracts.
"""

import grimp
import pytest

ENGINE = "gateway.engine"


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("gateway", cache_dir=None)


def test_running_a_plan_does_not_import_the_compiler(imports: grimp.ImportGraph) -> None:
    illegal = imports.find_illegal_dependencies_for_layers(
        layers=[
            "engine",
            "prepare",
            {"compile", "variables", "incremental"},
            "run",
            "types",
            "graphql_internals",
        ],
        containers={ENGINE},
    )
    assert not illegal


def test_no_module_imports_itself_through_others(imports: grimp.ImportGraph) -> None:
    modules = {m for m in imports.find_descendants(ENGINE) if not imports.find_children(m)}
    in_a_cycle = {
        module
        for module in modules
        for imported in imports.find_modules_directly_imported_by(module)
        if imported in modules and imports.chain_exists(imported, module)
    }
    assert not in_a_cycle
