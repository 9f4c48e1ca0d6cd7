"""Reports of runs for people and for continuous integration: one HTML file without scripts, and JUnit XML."""

from placet_verification.api.reports.html_report import html_report
from placet_verification.api.reports.junit_report import junit_report

__all__ = ["html_report", "junit_report"]
