"""What can be done to organizations and invitations; every act takes its actor and is atomic."""
