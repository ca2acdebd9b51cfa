"""Công Văn: BPMN-driven process orchestration for Vietnamese Party and state offices."""
