"""Clocks and calendars, pure: what the operator decides by, and the command tells from.

wall_clock       what clocks show in a time zone, with summer time
timetable        when a schedule ticks: cron and interval, in a time zone; the times that a tick's run is told
quiet_calendar   when quiet hours are over
"""
