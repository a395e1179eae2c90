#include "pipeline/flow/film.h"

#include <iostream>

int main(int argc, char** argv)
{
    if (argc != 3) {
        return 2;
    }
    const longtake::Storyboard board = longtake::load_storyboard(argv[1]);
    std::cout << longtake::plan_film(board, longtake::load_models({argv[2]})).frames << '\n';
}
