"""Reports of runs for people and for continuous integration: one HTML file without scripts, JUnit XML, and two runs beside each other."""

from placet_verification.api.reports.comparison import compared
from placet_verification.api.reports.comparison_page import comparison_page
from placet_verification.api.reports.html_report import html_report
from placet_verification.api.reports.junit_report import junit_report

__all__ = ["compared", "comparison_page", "html_report", "junit_report"]
