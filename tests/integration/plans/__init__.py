"""That no question grows with history: plans of everything that is asked, on tables large enough to be judged."""
