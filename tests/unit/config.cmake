foreach(part config config_text config_plugins config_fuzz)
    unit_test(test_${part} config base)
    target_compile_definitions(test_${part} PRIVATE
        TESTS_DIR="${CMAKE_SOURCE_DIR}/tests/unit" ETC_DIR="${CMAKE_SOURCE_DIR}/etc"
        MANUAL="${CMAKE_SOURCE_DIR}/gatewayd/config/gatewayd.conf.5")
endforeach()

# The samples against the real plugins, asked by the real host.
if(TARGET gatewayd-detector AND TARGET plugins)
    unit_test(test_config_samples config base)
    add_dependencies(test_config_samples gatewayd-detector plugins)
    target_compile_definitions(test_config_samples PRIVATE
        TESTS_DIR="${CMAKE_SOURCE_DIR}/tests/unit" ETC_DIR="${CMAKE_SOURCE_DIR}/etc"
        HOST_DIR="$<TARGET_FILE_DIR:gatewayd-detector>" PLUGIN_DIR="${CMAKE_BINARY_DIR}/plugins")
endif()
