"""What runs inside the isolated server: it imports the standard library only, and nothing of ours from outside."""
