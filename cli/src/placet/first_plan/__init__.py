"""Writes a first verification plan from a data set and a version's signature, or what is said in place of it: to be read and changed."""

from placet.first_plan.data import DataFile, read_data
from placet.first_plan.document import first_plan
from placet.first_plan.said import Said

__all__ = ["DataFile", "Said", "first_plan", "read_data"]
