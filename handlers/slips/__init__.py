"""What a process does with a submission slip: open it, record opinions, conclude it, freeze it as a PDF."""
