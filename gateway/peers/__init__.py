"""auth and twofactor over HTTP: what they answer becomes a value of the model, what they refuse one of its errors."""
