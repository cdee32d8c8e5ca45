module netstack.example

go 1.24
