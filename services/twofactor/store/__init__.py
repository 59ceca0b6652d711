"""What is remembered: challenges and marks in Valkey, enrolments and receipts in PostgreSQL."""
