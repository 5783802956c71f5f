"""Say at the end how large the largest difference of each row was."""


def pytest_terminal_summary(terminalreporter):
    for report in terminalreporter.getreports("passed"):
        for _, value in report.user_properties:
            terminalreporter.write_line(f"{report.nodeid.split('[')[-1].rstrip(']'):50} {value}")
