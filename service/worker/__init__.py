"""The process that does what is due: timers, jobs, the outbox, calendar-driven starts, sealing, sweeping."""
