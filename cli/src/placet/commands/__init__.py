"""What can be typed after `placet`: a module for each noun, and for each verb that stands alone."""
