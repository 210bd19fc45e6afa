"""Makes the report of a run's folder, in all its forms."""

from pathlib import Path

from evaluator.locale import Language, language, speaking
from evaluator.pages.run_page import write_run_page
from evaluator.report.build import Summarizers, build
from evaluator.report.markdown import markdown
from evaluator.results.files import write
from evaluator.results.folder import RunFolder
from evaluator.results.report import RunReport
from evaluator.results.run import RunInfo, read_run


def write_report(
    path: Path,
    summarizers: Summarizers | None = None,
    info: RunInfo | None = None,
    lang: Language | None = None,
) -> RunReport:
    """Makes the report from the run's files, and writes it as JSON, as Markdown and as a page.

    `summarizers` and `info` are those of `build`; `lang` is the language of what people read.
    """
    run, files = info or read_run(path), RunFolder(path)
    report = build(path, summarizers, run)
    write(files.report, report)
    with speaking(lang):
        files.report_text.write_text(markdown(report), encoding="utf-8")
    write_run_page(path, report, run, language(lang))
    return report
