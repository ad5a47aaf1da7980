// Go's net/http: a goroutine for each request, which the runtime preempts. The same work and the same answer as the peers'.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
)

func isPrime(number int64) bool {
	for divisor := int64(2); divisor < number; divisor++ {
		if number%divisor == 0 {
			return false
		}
	}
	return number > 1
}

func answer(response http.ResponseWriter, request *http.Request) {
	number, err := strconv.ParseInt(request.URL.Query().Get("number"), 10, 64)
	if err != nil {
		http.Error(response, "no number", http.StatusBadRequest)
		return
	}
	response.Header().Set("content-type", "application/json")
	fmt.Fprintf(response, `{"number":%d,"prime":%t}`, number, isPrime(number))
}

func main() {
	http.HandleFunc("/", answer)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
