"""What can be done to projects and the people in them; every act takes its actor and is atomic."""
