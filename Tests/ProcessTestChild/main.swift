TestChild.main()
