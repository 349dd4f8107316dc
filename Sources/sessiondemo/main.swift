print("replaced soon")
