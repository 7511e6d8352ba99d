"""Lines of processes: prefixed on the terminal, dated and rotated in files."""

import asyncio
import io

from guildhall.stack import logs
from guildhall.stack.logs import LogFile, Terminal, pump


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_log_file_over_its_limit_rotates_and_forgets_the_oldest(tmp_path):
    file = LogFile(tmp_path / "logs" / "site.log", max_bytes=200)
    for number in range(60):
        file.write(f"line {number}".encode())
    file.close()
    names = sorted(path.name for path in (tmp_path / "logs").iterdir())
    assert names == ["site.log", "site.log.1", "site.log.2", "site.log.3"]
    assert (tmp_path / "logs" / "site.log").read_text().endswith("Z line 59\n")
    assert all(path.stat().st_size < 300 for path in (tmp_path / "logs").iterdir())


def test_line_that_tells_its_time_gets_no_second(tmp_path):
    file = LogFile(tmp_path / "site.log")
    file.write(b"2026-05-04T10:00:00.123456Z [info] ready")
    file.write(b"2026-05-04 something else")
    file.close()
    first, second = (tmp_path / "site.log").read_text().splitlines()
    assert first == "2026-05-04T10:00:00.123456Z [info] ready"
    assert logs.DATED.match(second.encode())
    assert second.endswith("Z 2026-05-04 something else")


def test_terminal_colours_names_apart_on_a_screen_only(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    screen, plain = Screen(), io.StringIO()
    for stream in (screen, plain):
        terminal = Terminal(stream)
        terminal.line("site", "one")
        terminal.line("worker", "two")
    assert plain.getvalue() == "site         │ one\nworker       │ two\n"
    first, second = screen.getvalue().splitlines()
    assert first.startswith("\x1b[36m")
    assert second.startswith("\x1b[33m")


def test_terminal_that_went_away_is_forgotten():
    gone = io.StringIO()
    terminal = Terminal(gone)
    gone.close()
    terminal.line("site", "nobody reads")
    terminal.plain("nor this")


async def test_pump_cuts_endless_lines_and_keeps_the_last_without_newline(tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "MAX_LINE_BYTES", 10)
    reader = asyncio.StreamReader()
    reader.feed_data(b"short\r\n" + b"x" * 25)
    out, file = io.StringIO(), LogFile(tmp_path / "a.log")
    task = asyncio.create_task(pump("a", reader, Terminal(out, width=1), file))
    await asyncio.sleep(0.05)
    reader.feed_data(b"tail")
    reader.feed_eof()
    await task
    file.close()
    assert out.getvalue() == "a │ short\na │ " + "x" * 25 + "\na │ tail\n"
    assert len((tmp_path / "a.log").read_text().splitlines()) == 3
