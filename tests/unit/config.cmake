foreach(part config config_text config_plugins config_fuzz)
    unit_test(test_${part} config base)
    target_compile_definitions(test_${part} PRIVATE
        TESTS_DIR="${CMAKE_SOURCE_DIR}/tests/unit" ETC_DIR="${CMAKE_SOURCE_DIR}/etc"
        MANUAL="${CMAKE_SOURCE_DIR}/gatewayd/config/gatewayd.conf.5")
endforeach()
