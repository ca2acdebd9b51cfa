"""What happens next: definitions, instances and what they wait for; the only user of SpiffWorkflow."""
