"""What the end-to-end tests share: servers, a strict raw-socket client, and the contract's texts."""
