"""SpiffWorkflow behind our own interface: pure stepping, no database, no web, no clock of its own.

SpiffWorkflow gives the parser frame, the process specs with their serialisation, the life cycle of a task
and the nesting of workflows. This package replaces what cannot be trusted with people's files: the task tree
(by a flat set of living tokens), the data passed from task to task (by variables per scope), joins, events,
timers, the script engine and the stored state. ``docs/bpmn-support.md`` says what runs.
"""
