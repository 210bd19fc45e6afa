"""One place for a server in a cluster: its job, and the next one if that is lost."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..commands.endpoints_file import Entry
from ..errors import StartError
from ..locale import N_
from .cluster import Cluster, Report, ServerTask
from .node_folder import write_whole

RESTARTS = 2  # of one place: then its deaths have a cause that does not pass
KEY_VARIABLE = "EVALUATOR_FLEET_KEY"  # holds the API key of a fleet's servers


@dataclass(slots=True)
class ClusterServer:
    """`folder` takes the files that tell COMMAND of deaths.

    `gone` says why it will not be started again. `known` are the endpoints of all of its jobs,
    each with the file that appears when they are dead for good.
    """

    task: ServerTask
    folder: Path
    starts: int = 0
    job: str = ""
    report: Report = field(default_factory=Report)
    gone: str = ""
    losses: int = 0
    known: dict[str, tuple[Entry, ...]] = field(default_factory=dict)

    @property
    def answers(self) -> bool:
        return not self.gone and bool(self.report.entries)

    @property
    def entries(self) -> Iterator[Entry]:
        for entries in self.known.values():
            yield from entries

    def start(self, cluster: Cluster) -> None:
        """Raises StartError where the cluster refuses it."""
        self.starts += 1
        self.report = Report()
        task = replace(self.task, name=f"{self.task.name}.{self.starts}")
        self.job = cluster.submit(task)

    def take(self, report: Report, cluster: Cluster) -> str:
        """What is new, as a line for the user; empty where nothing is."""
        before, self.report = self.report, report
        where: str = N_("{kind} {job}", kind=cluster.title, job=self.job)
        if report.where:
            where = N_("{job} on {host}", job=where, host=report.where)
        if report.entries and not before.entries:
            self._note_answer()
            url = report.entries[0]["base_url"]
            return N_("{title} answers at {url} ({where})", title=self._title, url=url, where=where)
        if report.state == "ended":
            return N_(
                "{title}: {where} was lost: {why}; {next}",
                title=self._title,
                where=where,
                why=report.why,
                next=self._lost(cluster),
            )
        if report.state == "running" and before.state == "waiting":
            return N_("{title} loads ({where})", title=self._title, where=where)
        return ""

    @property
    def _title(self) -> str:
        return N_("server {name}", name=self.task.name)

    def _note_answer(self) -> None:
        """Its earlier addresses are dead for good, now that there is another one."""
        self._note_deaths("it was started again elsewhere")
        died = str(self._died(self.job))
        more = {"died": died, "api_key_env": KEY_VARIABLE}
        self.known[self.job] = tuple({**each, **more} for each in self.report.entries)

    def _lost(self, cluster: Cluster) -> str:
        """Starts it again, unless that would change nothing. Says which."""
        self.losses += 1
        cluster.cancel([self.job])
        never = self.report.hopeless and self.job not in self.known
        if never or self.starts > RESTARTS:
            self.give_up(self.report.why)
            return N_("it is not started again")
        try:
            self.start(cluster)
        except StartError as error:
            self.give_up(str(error))
            return N_("it cannot be started again: {error}", error=error.message)
        return N_("it is started again ({n} of {most})", n=self.starts - 1, most=RESTARTS)

    def forget_dead(self) -> None:
        """A COMMAND that begins now need not learn of addresses that are dead already."""
        self.known = {job: entries for job, entries in self.known.items() if job == self.job}

    def give_up(self, why: str) -> None:
        self.gone = why
        self._note_deaths(why)

    def _note_deaths(self, why: str) -> None:
        for job in self.known:
            write_whole(self._died(job), why)

    def _died(self, job: str) -> Path:
        return self.folder / "servers" / f"{self.task.name}.job-{job}.died"
