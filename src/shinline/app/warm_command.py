"""``shinline warm``: compile the kernels ahead, as the installation does."""

import click
from rich.console import Console

from shinline.app.problems import told
from shinline.app.progress import progress_bars


@click.command()
@click.option("--processes", type=click.IntRange(1, 64), help="How many [cores, memory allowing].")
@told
def warm(processes: int | None) -> None:
    """Compile the kernels for this processor now, so that no start has to wait for it."""
    from shinline.app import warming
    from shinline.kernel import cache_dir

    console = Console(highlight=False)
    with progress_bars(console) as progress:
        made = warming.warm(progress, processes)
    what = f"{made.compiled} kernels compiled" if made.compiled else "nothing to compile"
    console.print(
        f"{what}: {made.duration_s:.1f} s, processes: {made.processes}; kept in {cache_dir()}"
    )
