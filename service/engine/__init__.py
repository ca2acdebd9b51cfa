"""What happens next: process definitions, instances and what they wait for; the only user of SpiffWorkflow."""
